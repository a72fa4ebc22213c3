using Seriema.Transport;

namespace Seriema.Cli.Tests;

public sealed class StopSignalsTests
{
    private readonly List<int> _exits = [];
    private readonly List<CancellationToken> _stops = [];

    [Theory]
    [InlineData(Signals.SIGTERM)]
    [InlineData(Signals.SIGINT)]
    [InlineData(Signals.SIGQUIT)]
    public void Before_it_serves_a_signal_ends_the_process(int signal)
    {
        using var signals = new StopSignals(_exits.Add);
        signals.Received(signal);
        Assert.Equal([0], _exits);
    }

    [Theory]
    [InlineData(Signals.SIGTERM, null, nameof(StopState.Stopping), false)]
    [InlineData(Signals.SIGINT, null, nameof(StopState.Cutting), false)]
    [InlineData(Signals.SIGQUIT, null, nameof(StopState.Cutting), false)]
    [InlineData(Signals.SIGTERM, Signals.SIGTERM, nameof(StopState.Stopping), false)]
    [InlineData(Signals.SIGINT, Signals.SIGTERM, nameof(StopState.Cutting), false)]
    [InlineData(Signals.SIGINT, Signals.SIGINT, nameof(StopState.Cutting), false)]
    [InlineData(Signals.SIGTERM, Signals.SIGINT, nameof(StopState.Cutting), true)]
    [InlineData(Signals.SIGTERM, Signals.SIGQUIT, nameof(StopState.Cutting), true)]
    [InlineData(Signals.SIGQUIT, Signals.SIGINT, nameof(StopState.Cutting), false)]
    public void The_server_is_told_to_stop_once_and_a_second_signal_may_cut_it(
        int first, int? second, string expected, bool isForced)
    {
        using var signals = new StopSignals(_exits.Add);
        signals.Serving(Stop);
        signals.Received(first);
        if (second is int again) signals.Received(again);

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
        signals.Received(Signals.SIGTERM);
        await Assert.ThrowsAsync<InvalidOperationException>(() => signals.Failed);
    }

    private Task Stop(CancellationToken atOnce)
    {
        _stops.Add(atOnce);
        return Task.Delay(Timeout.Infinite, atOnce);
    }
}
