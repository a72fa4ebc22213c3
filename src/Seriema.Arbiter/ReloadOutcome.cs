namespace Seriema.Arbiter;

/// <summary>How a reload ended, for those that wait for it.</summary>
/// <param name="Status">0, or what a start with the new code or settings would have ended with.</param>
/// <param name="Text">One line when it went well, else the reason, of several lines when Python has a traceback.</param>
internal readonly record struct ReloadOutcome(int Status, string Text)
{
    internal bool IsOk => Status == 0;
}
