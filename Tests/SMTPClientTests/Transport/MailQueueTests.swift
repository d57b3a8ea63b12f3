// What waits for the sending thread.

import Testing
import Threads

@testable import SMTPClient

@Suite struct MailQueueTests {
  private func kind(_ answer: Result<SMTPReply?, SMTPError>) -> SMTPError.Kind? {
    if case .failure(let error) = answer { error.kind } else { nil }
  }

  @Test("a full queue refuses and keeps what it has")
  func full() {
    let queue = MailQueue(limit: 2)
    let jobs = (0..<3).map { _ in MailJob(nil) }
    #expect(jobs.map { queue.add($0)?.kind } == [nil, nil, .busy])
    #expect(queue.take() === jobs[0])
    #expect(queue.add(jobs[2]) == nil)
    #expect(queue.take() === jobs[1] && queue.take() === jobs[2])
  }

  @Test("a mail that is taken back while it waits is not sent, and its sender hears at once")
  func cancelled() async {
    let queue = MailQueue(limit: 2)
    let (first, second) = (MailJob(nil), MailJob(nil))
    let answer = await first.answer.value {
      #expect(queue.add(first) == nil)
      #expect(queue.add(second) == nil)
      queue.cancel(first)
    }
    #expect(kind(answer) == .cancelled)
    #expect(queue.take() === second)
  }

  @Test("a mail that was taken back before it was there is refused")
  func cancelledEarly() {
    let queue = MailQueue(limit: 2)
    let job = MailJob(nil)
    queue.cancel(job)
    #expect(queue.add(job)?.kind == .cancelled)
  }

  @Test("a closed queue refuses what waits and what comes, and lets the thread go")
  func closed() async {
    let queue = MailQueue(limit: 2)
    let job = MailJob(nil)
    let answer = await job.answer.value {
      #expect(queue.add(job) == nil)
      queue.close()
    }
    #expect(kind(answer) == .closed)
    #expect(queue.add(MailJob(nil))?.kind == .closed)
    #expect(queue.take() == nil)
    #expect(queue.take() == nil)
  }
}
