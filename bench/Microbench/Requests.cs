using System.Text;

namespace Microbench;

/// <summary>The requests that are measured, byte for byte as such clients send them.</summary>
internal static class Requests
{
    /// <summary>The least that HTTP/1.1 allows.</summary>
    internal const string Minimal = "minimal";

    internal const string Curl = "curl";

    /// <summary>A page load in a Chromium browser: 16 fields, two cookies of analytics and a session.</summary>
    internal const string Browser = "browser";

    private const string MinimalText =
        "GET / HTTP/1.1\r\n" +
        "Host: a\r\n" +
        "\r\n";

    private const string CurlText =
        "GET /hello HTTP/1.1\r\n" +
        "Host: 127.0.0.1:8888\r\n" +
        "User-Agent: curl/7.88.1\r\n" +
        "Accept: */*\r\n" +
        "\r\n";

    private const string BrowserText =
        "GET /shop/products/1742?sort=price&page=2 HTTP/1.1\r\n" +
        "Host: www.example.org\r\n" +
        "Connection: keep-alive\r\n" +
        "Cache-Control: max-age=0\r\n" +
        "sec-ch-ua: \"Chromium\";v=\"130\", \"Google Chrome\";v=\"130\", \"Not?A_Brand\";v=\"99\"\r\n" +
        "sec-ch-ua-mobile: ?0\r\n" +
        "sec-ch-ua-platform: \"Linux\"\r\n" +
        "Upgrade-Insecure-Requests: 1\r\n" +
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36\r\n" +
        "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8\r\n" +
        "Sec-Fetch-Site: same-origin\r\n" +
        "Sec-Fetch-Mode: navigate\r\n" +
        "Sec-Fetch-Dest: document\r\n" +
        "Referer: http://www.example.org/shop/products?sort=price\r\n" +
        "Accept-Encoding: gzip, deflate\r\n" +
        "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n" +
        "Cookie: _ga=GA1.1.1187653210.1718000000; _ga_4K7Q=GS1.1.1730000000.12.1.1730000100.0.0.0; " +
        "sessionid=f2m9x0q1v7c4b8n3k5j6h1g0d2s4a7p9\r\n" +
        "\r\n";

    internal static byte[] Bytes(string name) => Encoding.ASCII.GetBytes(name switch
    {
        Minimal => MinimalText,
        Curl => CurlText,
        Browser => BrowserText,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "no such request"),
    });
}
