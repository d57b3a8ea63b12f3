// Host, path and URL of a request, for each way of addressing.

import S3Client
import Testing

struct S3AddressTests {
  struct Place: Sendable {
    let endpoint: String
    let addressing: S3Addressing
    let bucket: String?
    let key: String?
    let authority: String
    let url: String
  }

  static let places = [
    Place(
      endpoint: "http://127.0.0.1:9480", addressing: .path, bucket: "b", key: "a b/c",
      authority: "127.0.0.1:9480", url: "http://127.0.0.1:9480/b/a%20b/c"),
    Place(
      endpoint: "https://s3.example.com", addressing: .virtualHost, bucket: "b", key: "k",
      authority: "b.s3.example.com", url: "https://b.s3.example.com/k"),
    Place(
      endpoint: "https://s3.example.com:8443", addressing: .virtualHost, bucket: "b", key: nil,
      authority: "b.s3.example.com:8443", url: "https://b.s3.example.com:8443/"),
    Place(
      endpoint: "https://s3.example.com", addressing: .path, bucket: "b", key: nil,
      authority: "s3.example.com", url: "https://s3.example.com/b"),
    Place(
      endpoint: "https://s3.example.com/", addressing: .path, bucket: nil, key: nil,
      authority: "s3.example.com", url: "https://s3.example.com/"),
    Place(
      endpoint: "https://h/base/s3/", addressing: .path, bucket: "b", key: "k",
      authority: "h", url: "https://h/base/s3/b/k"),
    Place(
      endpoint: "https://h/base", addressing: .virtualHost, bucket: "b", key: "k",
      authority: "b.h", url: "https://b.h/base/k"),
    Place(
      endpoint: "http://[::1]:9000", addressing: .path, bucket: "b", key: "k",
      authority: "[::1]:9000", url: "http://[::1]:9000/b/k"),
    // Below an address there are no names: the bucket goes into the path.
    Place(
      endpoint: "http://[::1]:9000", addressing: .virtualHost, bucket: "b", key: "k",
      authority: "[::1]:9000", url: "http://[::1]:9000/b/k"),
    Place(
      endpoint: "http://10.0.0.1", addressing: .virtualHost, bucket: "b", key: "k",
      authority: "10.0.0.1", url: "http://10.0.0.1/b/k"),
    Place(
      endpoint: "http://h:80", addressing: .path, bucket: "b", key: "/lead//../.",
      authority: "h", url: "http://h/b//lead//../."),
  ]

  @Test(arguments: places)
  func `a bucket or key lies where its endpoint and style say`(place: Place) throws {
    let endpoint = try #require(S3Endpoint(place.endpoint))
    let address = S3Address(
      endpoint: endpoint, addressing: place.addressing, bucket: place.bucket, key: place.key)
    #expect(address.authority == place.authority)
    #expect(address.url() == place.url)
    #expect(place.url.hasSuffix(address.path))
  }

  @Test func `a query is written in the order given, encoded as it is signed`() throws {
    let endpoint = try #require(S3Endpoint("http://h"))
    let address = S3Address(endpoint: endpoint, addressing: .path, bucket: "b", key: nil)
    let url = address.url(query: [("uploads", ""), ("prefix", "a/b c+ü"), ("b", "&=")])
    #expect(url == "http://h/b?uploads=&prefix=a%2Fb%20c%2B%C3%BC&b=%26%3D")
  }

  @Test(arguments: oddKeys)
  func `the path of an odd key is that key again`(key: String) throws {
    let endpoint = try #require(S3Endpoint("http://h"))
    let address = S3Address(endpoint: endpoint, addressing: .path, bucket: "bucket", key: key)
    let decoded = try #require(PercentEncoding.decode(address.path))
    #expect(decoded.utf8.elementsEqual("/bucket/\(key)".utf8))
  }
}
