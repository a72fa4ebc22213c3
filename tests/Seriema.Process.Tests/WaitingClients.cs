using System.Globalization;

namespace Seriema.Process.Tests;

/// <summary>Clients whose requests are known to be inside the application, waiting at its gate.</summary>
internal sealed class WaitingClients : IDisposable
{
    internal WaitingClients(ServerProcess server, int count)
    {
        Clients = new WireClient[count];
        for (int i = 0; i < count; i++)
        {
            Clients[i] = server.Connect();
            Clients[i].SendRequest("GET", "/wait", []);
            string inside = (i + 1).ToString(CultureInfo.InvariantCulture);
            Eventually.True(() => server.Get("/count").Body == inside, $"request {inside} never came in");
        }
    }

    internal WireClient[] Clients { get; }

    public void Dispose()
    {
        foreach (WireClient client in Clients) client.Dispose();
    }
}
