namespace Seriema.Arbiter.Tests;

public sealed class WorkerStatesTests
{
    [Fact]
    public void No_way_leads_back()
    {
        foreach (WorkerState from in Enum.GetValues<WorkerState>())
        {
            foreach (WorkerState to in Enum.GetValues<WorkerState>())
            {
                Assert.True(WorkerStates.CanMove(from, to) == (to > from), $"{from} to {to}");
            }
        }
    }
}
