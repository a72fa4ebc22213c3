namespace Seriema.Arbiter;

/// <summary>What a reload may change.</summary>
internal sealed record ArbiterSettings
{
    /// <summary>How many workers serve; at least 1.</summary>
    internal required int Workers { get; init; }

    /// <summary>How long a worker may give no sign of life, or its loop not turn; zero is for ever.</summary>
    internal TimeSpan Timeout { get; init; }

    /// <summary>How long a worker that was told to leave may finish its requests.</summary>
    internal TimeSpan GracefulTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A worker that has served for so long is replaced; zero is never.</summary>
    internal TimeSpan MaxWorkerAge { get; init; }

    /// <summary>A worker whose resident memory is larger is replaced; 0 is never.</summary>
    internal long MaxWorkerRss { get; init; }

    /// <summary>Descriptors that workers get besides the listeners and the arbiter's own; whoever made the settings owns them.</summary>
    internal IReadOnlyList<int> Inherited { get; init; } = [];

    /// <summary>The arguments of a worker, without the name of the program and <see cref="ArbiterOptions.ProgramArguments"/>.</summary>
    internal required Func<WorkerSpec, IReadOnlyList<string>> WorkerArguments { get; init; }
}
