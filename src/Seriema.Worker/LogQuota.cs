namespace Seriema.Worker;

/// <summary>How many lines clients may cause in a second: whoever can connect must not be able to fill the disk. Any thread.</summary>
internal sealed class LogQuota(int most)
{
    private readonly Lock _gate = new();
    private long _second;
    private int _taken;
    private int _skipped;

    /// <summary>Whether a line may be written; one that may not is counted.</summary>
    /// <param name="now">Milliseconds that only grow.</param>
    internal bool TryTake(long now)
    {
        lock (_gate)
        {
            if (now / 1000 != _second) (_second, _taken) = (now / 1000, 0);
            if (_taken == most)
            {
                _skipped++;
                return false;
            }
            _taken++;
            return true;
        }
    }

    /// <summary>How many lines were not written since this was asked last.</summary>
    internal int TakeSkipped()
    {
        lock (_gate)
        {
            int skipped = _skipped;
            _skipped = 0;
            return skipped;
        }
    }
}
