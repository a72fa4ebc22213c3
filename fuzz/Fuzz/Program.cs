using System.Diagnostics;
using System.Globalization;
using Fuzz;

// fuzz/run TARGET|all [--executions N] [--seed S] [--first I] [--threads T]; 0: nothing found, 1: a finding, 2: usage.
Dictionary<string, long> options = new() { ["--executions"] = 1_000_000, ["--seed"] = 1, ["--first"] = 0, ["--threads"] = Environment.ProcessorCount };
string target = args.Length % 2 == 1 ? args[0] : "";
bool isRight = target == "all" || FuzzRun.Targets.Contains(target);
for (int i = 1; i + 1 < args.Length; i += 2)
{
    isRight &= options.ContainsKey(args[i]) && long.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long value)
        && (options[args[i]] = value) >= 0;
}
if (!isRight || options["--threads"] is < 1 or > 256)
{
    Console.Error.WriteLine($"usage: fuzz/run all|{string.Join('|', FuzzRun.Targets)} [--executions N] [--seed S] [--first I] [--threads T]");
    return 2;
}

bool found = false;
foreach (string name in target == "all" ? FuzzRun.Targets : [target])
{
    FuzzRun run = new(name, (ulong)options["--seed"]);
    int step = (int)options["--threads"];
    long first = options["--first"];
    long started = Stopwatch.GetTimestamp();
    Thread[] threads = [.. Enumerable.Range(0, step).Select(i => new Thread(() => run.Execute(first + i, first + options["--executions"], step)))];
    foreach (Thread thread in threads) thread.Start();
    foreach (Thread thread in threads) thread.Join();
    double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{name}: {run.Executions} executions, seed {options["--seed"]}, {seconds:F1} s, {run.Executions / seconds:F0}/s, {100.0 * run.Accepted / Math.Max(run.Executions, 1):F1} % right"));
    if (run.FirstFinding is not { } finding) continue;
    found = true;
    Console.WriteLine($"{name}: FOUND {finding}");
}
return found ? 1 : 0;
