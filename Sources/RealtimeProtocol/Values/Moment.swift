// Points on a steady clock that the machines are told, since they have none of their own.

/// A point on the caller's steady clock, in milliseconds since whatever that clock began with.
package struct Moment: Comparable, Hashable, Sendable {
  package let milliseconds: Int64

  package init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Later than every moment that comes.
  package static let never = Moment(milliseconds: .max)

  package static func < (left: Moment, right: Moment) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// Never wraps around: what would be too far is ``never``.
  package static func + (moment: Moment, duration: Duration) -> Moment {
    let (sum, isTooFar) = moment.milliseconds.addingReportingOverflow(duration.wholeMilliseconds)
    return isTooFar ? .never : Moment(milliseconds: sum)
  }
}

extension Duration {
  /// Rounded towards zero; what does not fit is the longest that does.
  var wholeMilliseconds: Int64 {
    let (seconds, attoseconds) = components
    let (product, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000)
    let (sum, overflows) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
    return isTooLong || overflows ? .max : sum
  }
}
