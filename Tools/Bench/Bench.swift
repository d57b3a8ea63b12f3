// archive-bench: measures the archive beside its limit, in one run, as ratios.

import ArgumentParser

/// The command: `./dev bench append|history|flush|puts|http|auth`. (`s3` and `mongo` are in scripts/bench.)
@main
struct Bench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "archive-bench",
    abstract: "Measures the archive beside its limit, in one run, as ratios of medians.",
    subcommands: [
      AppendBench.self, HistoryBench.self, FlushBench.self, PutsBench.self,
      HTTPBench.self, AuthBench.self,
    ])
}
