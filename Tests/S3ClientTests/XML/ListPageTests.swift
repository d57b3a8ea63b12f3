// Lists of objects as different servers write them.

import S3Client
import Testing

struct ListPageTests {
  private func page(_ inside: String) throws -> S3ListPage {
    try S3ListPage(body: Array("<ListBucketResult>\(inside)</ListBucketResult>".utf8))
  }

  private func kind(_ xml: String) -> S3Error.Kind? {
    do {
      _ = try S3ListPage(body: Array(xml.utf8))
      return nil
    } catch {
      return error.kind
    }
  }

  @Test func `a page of AWS is read`() throws {
    let page = try S3ListPage(body: ListSample.page)
    #expect(
      page.objects == [
        S3ListedObject(
          key: "a/b c+ä", sizeBytes: 434_234, etag: "\"fba9dede5f27731c9771645a39863328\"",
          modified: S3Instant(milliseconds: 1_255_369_830_000)),
        S3ListedObject(key: "a/0", sizeBytes: 0),
      ])
    #expect(page.prefixes == ["a/d e/"])
    #expect(page.isTruncated && page.nextToken == "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=")
  }

  @Test func `keys are taken as they are where the server did not encode them`() throws {
    let page = try page("<Contents><Key>a+b%20&amp;&#x1F600;</Key><Size>1</Size></Contents>")
    #expect(page.objects.map(\.key) == ["a+b%20&😀"])
    #expect(page.nextToken == nil && !page.isTruncated)
  }

  @Test(arguments: oddKeys)
  func `an odd key comes out of a list as it is`(key: String) throws {
    let written = PercentEncoding.query(key)
    let page = try page(
      "<EncodingType>url</EncodingType><Contents><Key>\(written)</Key><Size>1</Size></Contents>"
        + "<CommonPrefixes><Prefix>\(written)</Prefix></CommonPrefixes>")
    #expect(page.objects[0].key.utf8.elementsEqual(key.utf8))
    #expect(page.prefixes[0].utf8.elementsEqual(key.utf8))
  }

  @Test func `an unordered page stays as it came, and an empty one is empty`() throws {
    let keys = ["b", "a", "c"]
    let contents = keys.map { "<Contents><Key>\($0)</Key><Size>1</Size></Contents>" }.joined()
    #expect(try page(contents).objects.map(\.key) == keys)
    #expect(try page("").objects.isEmpty)
  }

  @Test func `a namespace prefix does not matter`() throws {
    let xml =
      "<s:ListBucketResult xmlns:s='x'><s:IsTruncated>false</s:IsTruncated></s:ListBucketResult>"
    #expect(kind(xml) == nil)
  }

  @Test(arguments: [
    // Answers to other questions.
    "<ListAllMyBucketsResult/>", "<ListVersionsResult/>", "<html><body/></html>",
    "<CopyObjectResult/>",
    "<listbucketresult/>",
    // A page that says there are more, and not how to get them.
    "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken/></ListBucketResult>",
    // Entries that cannot be.
    "<ListBucketResult><Contents><Size>1</Size></Contents></ListBucketResult>",
    "<ListBucketResult><Contents><Key/><Size>1</Size></Contents></ListBucketResult>",
    "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>",
    "<ListBucketResult><Contents><Key>a</Key><Size>-1</Size></Contents></ListBucketResult>",
    "<ListBucketResult><Contents><Key>a</Key><Size>1e3</Size></Contents></ListBucketResult>",
    "<ListBucketResult><Contents><Key>a</Key><Size>99999999999999999999</Size></Contents></ListBucketResult>",
    "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%zz</Key><Size>1</Size></Contents></ListBucketResult>",
    "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%ff</Key><Size>1</Size></Contents></ListBucketResult>",
  ])
  func `what is no list is a bad answer`(xml: String) {
    #expect(kind(xml) == .badAnswer)
  }

  @Test func `an error instead of a list is that error`() {
    #expect(kind("<Error><Code>NoSuchBucket</Code></Error>") == .noBucket)
  }
}
