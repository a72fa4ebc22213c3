// bench/micro runs this; the arguments are BenchmarkDotNet's own (--filter, --list, --artifacts).
using System.Runtime.Versioning;
using BenchmarkDotNet.Running;
using Microbench;

[assembly: SupportedOSPlatform("linux")]

try
{
    var summaries = BenchmarkSwitcher.FromAssembly(typeof(HelloServer).Assembly).Run(args, ShortRun.Config);
    return summaries.Any(summary => summary.Reports.Any(report => !report.Success)) ? 1 : 0;
}
finally
{
    await HelloServer.StopAsync();
}
