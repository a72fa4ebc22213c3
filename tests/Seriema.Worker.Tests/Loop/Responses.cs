using System.Globalization;
using System.Text.RegularExpressions;

namespace Seriema.Worker.Tests.Loop;

/// <summary>Takes apart what a connection sent.</summary>
internal static class Responses
{
    /// <summary>The bodies in order; fails on anything that is not whole responses with a Content-Length.</summary>
    internal static string[] Bodies(string sent)
    {
        List<string> bodies = [];
        while (sent.Length > 0)
        {
            int end = sent.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            Assert.True(sent.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) && end > 0, $"not a response: {sent}");
            int length = Length(sent[..end]);
            Assert.True(sent.Length >= end + 4 + length, $"the body is cut: {sent}");
            bodies.Add(sent.Substring(end + 4, length));
            sent = sent[(end + 4 + length)..];
        }
        return [.. bodies];
    }

    /// <summary>The status codes in order.</summary>
    internal static int[] Statuses(string sent) =>
    [
        .. Regex.Matches(sent, @"HTTP/1\.1 (\d{3}) ").Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)),
    ];

    private static int Length(string head)
    {
        const string name = "\r\nContent-Length: ";
        int start = head.IndexOf(name, StringComparison.Ordinal);
        Assert.True(start > 0, $"no Content-Length: {head}");
        return int.Parse(head[(start + name.Length)..].Split("\r\n")[0], CultureInfo.InvariantCulture);
    }
}
