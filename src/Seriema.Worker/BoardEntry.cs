using Seriema.Transport;

namespace Seriema.Worker;

/// <summary>This worker's entry on the board that it shares with its siblings: whether it has a thread to spare.</summary>
/// <remarks>Any thread; the lock keeps a late change from bringing back a worker that has left. Without a board it does nothing.</remarks>
internal sealed class BoardEntry(WorkerRole? role)
{
    private readonly Lock _gate = new();
    private volatile bool _hasSiblings = role is { Board: not null, IsMultiprocess: true };
    private bool _isIn;
    private volatile bool _isSaturated;

    /// <summary>Whether other workers accept from the same listeners, as of the last <see cref="Refresh"/>.</summary>
    internal bool HasSiblings => _hasSiblings;

    /// <summary>Whether all threads are inside the application.</summary>
    internal bool IsSaturated => _isSaturated;

    /// <summary>Whether a sibling could take a request at once.</summary>
    internal bool IsOtherFree => role?.Board is { } board && board.AnyOtherFree(role.Slot);

    /// <summary>The worker begins to accept.</summary>
    internal void Join()
    {
        lock (_gate)
        {
            _isIn = true;
            Publish();
        }
    }

    internal void SetSaturated(bool isSaturated)
    {
        lock (_gate)
        {
            if (_isSaturated == isSaturated) return;
            _isSaturated = isSaturated;
            Publish();
        }
    }

    /// <summary>The worker accepts no more: the others must not leave anything to it.</summary>
    internal void Leave()
    {
        lock (_gate)
        {
            if (!_isIn) return;
            _isIn = false;
            role?.Board?.Set(role.Slot, WorkerLoad.Gone);
        }
    }

    /// <summary>Looks about once a second who else is there: workers come and go while this one serves.</summary>
    internal void Refresh()
    {
        if (role?.Board is not { } board) return;
        bool found = false;
        for (int slot = 0; slot < board.Slots && !found; slot++) found = slot != role.Slot && board.Get(slot) != WorkerLoad.Gone;
        _hasSiblings = found;
    }

    private void Publish()
    {
        if (_isIn) role?.Board?.Set(role.Slot, _isSaturated ? WorkerLoad.Busy : WorkerLoad.Free);
    }
}
