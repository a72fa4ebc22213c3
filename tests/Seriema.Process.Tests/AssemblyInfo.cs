using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")] // as the server is
