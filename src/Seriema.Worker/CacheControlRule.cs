namespace Seriema;

/// <summary>A Cache-Control for the files that a pattern matches.</summary>
/// <param name="Pattern">
/// With <c>*</c> for any characters and <c>?</c> for one. With a slash it is matched against the whole path, which begins
/// with one, else against the name alone.
/// </param>
/// <param name="Value">The field's value; empty for no field.</param>
public sealed record CacheControlRule(string Pattern, string Value);
