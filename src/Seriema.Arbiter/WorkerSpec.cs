namespace Seriema.Arbiter;

/// <summary>What one worker has to know of its place; the descriptors are open in it under these numbers.</summary>
/// <param name="Control">Its end of the control socket.</param>
/// <param name="Board">The scoreboard's memory.</param>
/// <param name="Slot">Its own place on the scoreboard.</param>
/// <param name="Workers">How many workers there are to be, for <c>wsgi.multiprocess</c>.</param>
/// <param name="Listeners">The listening sockets.</param>
internal readonly record struct WorkerSpec(int Control, int Board, int Slot, int Workers, IReadOnlyList<int> Listeners);
