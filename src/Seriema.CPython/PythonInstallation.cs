namespace Seriema.CPython;

/// <summary>One CPython that can be loaded, as <see cref="PythonLocator"/> found it.</summary>
/// <param name="Executable">The interpreter's own <c>sys.executable</c>: inside the virtual environment if there is
/// one.</param>
/// <param name="Library">The shared library's file.</param>
/// <param name="Version">Major, minor and micro.</param>
/// <param name="VersionText">As <c>python3 --version</c> writes it, such as "3.11.7" or "3.14.0rc1".</param>
internal sealed record PythonInstallation(string Executable, string Library, Version Version, string VersionText);
