namespace Seriema.CPython;

/// <summary>No Python that can be served with: the message is one line for the operator that says what to do.</summary>
internal sealed class PythonNotFoundException(string message) : Exception(message);
