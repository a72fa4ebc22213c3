namespace Seriema.Transport;

/// <summary>What a worker says of itself with each heartbeat.</summary>
/// <param name="LoopAge">Milliseconds since its event loop last turned.</param>
/// <param name="Requests">Requests given to the application since its start.</param>
/// <param name="Connections">Open connections.</param>
/// <param name="Busy">Threads inside the application.</param>
/// <param name="Queued">Requests that wait for a thread.</param>
/// <param name="Rss">Resident memory in bytes.</param>
internal readonly record struct WorkerCounters(long LoopAge, long Requests, int Connections, int Busy, int Queued, long Rss);
