namespace Seriema.Protocol;

/// <summary>The outcome of the conditions, and the Range field's value where it is to be obeyed.</summary>
/// <param name="Outcome">How to go on.</param>
/// <param name="Range">
/// For <see cref="ByteRanges.Parse"/>; empty when there is none, or it does not apply: the whole file.
/// </param>
internal readonly record struct PreconditionVerdict(PreconditionOutcome Outcome, Slice Range);
