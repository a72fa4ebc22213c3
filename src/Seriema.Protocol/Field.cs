namespace Seriema.Protocol;

/// <summary>One field line of a request (RFC 9110 §5); the value is without the whitespace around it.</summary>
internal readonly record struct Field(Slice Name, Slice Value, KnownField Known);
