using System.Globalization;
using System.Text;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Reads one chunked response.</summary>
internal static class Chunks
{
    internal static string Decode(string response)
    {
        int at = response.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        Assert.Contains("\r\nTransfer-Encoding: chunked\r\n", response[..at], StringComparison.Ordinal);
        StringBuilder body = new();
        while (true)
        {
            int end = response.IndexOf("\r\n", at, StringComparison.Ordinal);
            Assert.True(end > 0, "the response is cut in a chunk head");
            int size = int.Parse(response.AsSpan(at, end - at), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Append(response, end + 2, size);
            at = end + 2 + size + 2;
            if (size > 0) continue;
            Assert.Equal(response.Length, at);
            return body.ToString();
        }
    }
}
