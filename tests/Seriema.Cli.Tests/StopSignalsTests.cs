using System.Runtime.InteropServices;

namespace Seriema.Cli.Tests;

public sealed class StopSignalsTests
{
    private readonly List<int> _exits = [];
    private readonly List<CancellationToken> _stops = [];

    [Theory]
    [InlineData(PosixSignal.SIGTERM)]
    [InlineData(PosixSignal.SIGINT)]
    [InlineData(PosixSignal.SIGQUIT)]
    public void Before_it_serves_a_signal_ends_the_process(PosixSignal signal)
    {
        using var signals = new StopSignals(_exits.Add);
        signals.Received(signal);
        Assert.Equal([0], _exits);
    }

    [Theory]
    [InlineData(PosixSignal.SIGTERM, null, nameof(StopState.Stopping), false)]
    [InlineData(PosixSignal.SIGINT, null, nameof(StopState.Stopping), false)]
    [InlineData(PosixSignal.SIGQUIT, null, nameof(StopState.Cutting), false)]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGTERM, nameof(StopState.Stopping), false)]
    [InlineData(PosixSignal.SIGINT, PosixSignal.SIGTERM, nameof(StopState.Stopping), false)]
    [InlineData(PosixSignal.SIGINT, PosixSignal.SIGINT, nameof(StopState.Cutting), true)]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGINT, nameof(StopState.Cutting), true)]
    [InlineData(PosixSignal.SIGTERM, PosixSignal.SIGQUIT, nameof(StopState.Cutting), true)]
    [InlineData(PosixSignal.SIGQUIT, PosixSignal.SIGINT, nameof(StopState.Cutting), false)]
    public void The_server_is_told_to_stop_once_and_a_second_signal_may_cut_it(
        PosixSignal first, PosixSignal? second, string expected, bool isForced)
    {
        using var signals = new StopSignals(_exits.Add);
        signals.Serving(Stop);
        signals.Received(first);
        if (second is PosixSignal again) signals.Received(again);

        Assert.Equal((expected, isForced), (signals.State.ToString(), signals.IsForced));
        Assert.Equal(expected == nameof(StopState.Cutting), Assert.Single(_stops).IsCancellationRequested);
        Assert.Empty(_exits);
        Assert.False(signals.Failed.IsCompleted);
    }

    [Fact]
    public async Task A_stop_that_fails_is_reported()
    {
        using var signals = new StopSignals(_exits.Add);
        signals.Serving(_ => throw new InvalidOperationException("stop"));
        signals.Received(PosixSignal.SIGTERM);
        await Assert.ThrowsAsync<InvalidOperationException>(() => signals.Failed);
    }

    private Task Stop(CancellationToken atOnce)
    {
        _stops.Add(atOnce);
        return Task.Delay(Timeout.Infinite, atOnce);
    }
}
