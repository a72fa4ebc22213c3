// Serves wsgiapp.py from a C# program: dotnet run --project examples/SelfHost
using Seriema;

await using var server = new WsgiServer(new WsgiServerOptions
{
    Application = "wsgiapp:app",
    ChangeDirectory = args is [string folder, ..] ? folder : "examples",
    Bind = ["127.0.0.1:0"],
});
server.Start();
Console.WriteLine($"Python {server.PythonVersion} answers at http://{server.Addresses[0]}/hello; Enter stops it.");
Console.ReadLine();
await server.StopAsync();
