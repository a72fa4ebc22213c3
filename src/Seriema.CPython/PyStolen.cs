namespace Seriema.CPython;

/// <summary>A reference given away to a call that takes it over; made by <see cref="PyOwned.Steal"/> and never
/// kept.</summary>
internal readonly ref struct PyStolen
{
    internal PyStolen(nint raw) => Raw = raw;

    /// <summary>The <c>PyObject *</c>; 0 for null.</summary>
    internal nint Raw { get; }
}
