namespace Seriema.Protocol;

/// <summary>
/// The answer to a peer's mistake: a status, a stable name for logs and tests, one sentence for people.
/// </summary>
internal readonly record struct Rejection(int Status, string Code, string Text);
