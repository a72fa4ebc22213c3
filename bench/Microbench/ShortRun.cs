using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Perfolizer.Horology;

namespace Microbench;

/// <summary>How every benchmark here is run: in this process, shortly, with the bytes allocated.</summary>
internal static class ShortRun
{
    // 10 times 200 ms: the whole set takes two minutes, and a difference of 5 % still shows.
    private const int Iterations = 10;
    private const int IterationMilliseconds = 200;
    private const int PathWidth = 40; // or the longest parameter is cut in the middle

    internal static IConfig Config { get; } = ManualConfig.CreateEmpty()
        .AddLogger(ConsoleLogger.Default)
        .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params,
            DefaultColumnProviders.Statistics, DefaultColumnProviders.Metrics)
        .AddExporter(MarkdownExporter.GitHub)
        .AddDiagnoser(MemoryDiagnoser.Default) // counts what all threads of the process allocate
        .WithSummaryStyle(SummaryStyle.Default.WithMaxParameterColumnWidth(PathWidth))
        .AddJob(Job.Default
            // In process, because a server and its Python belong to one, and the diagnoser is to see the server's threads.
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithWarmupCount(4)
            .WithIterationCount(Iterations)
            .WithIterationTime(TimeInterval.FromMilliseconds(IterationMilliseconds)));
}
