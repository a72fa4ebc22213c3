using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>Bytes as readable text: <c>\r \n \t \0 \\ \xHH</c>, and <c>\[N:text]</c> for N times the text.</summary>
/// <remarks>A real line end is layout and means no byte, so that a request can be written line by line.</remarks>
internal static class VisibleBytes
{
    private const int LongestText = 80; // beyond it a verdict names the length and a hash

    internal static byte[] Parse(string text)
    {
        using MemoryStream bytes = new();
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c == '\n') continue;
            if (c is < ' ' or > '~') throw new FormatException($"Write {c:X4} at {i} as an escape.");
            if (c != '\\')
            {
                bytes.WriteByte((byte)c);
                continue;
            }
            i++;
            switch (i < text.Length ? text[i] : '\n')
            {
                case 'r': bytes.WriteByte((byte)'\r'); break;
                case 'n': bytes.WriteByte((byte)'\n'); break;
                case 't': bytes.WriteByte((byte)'\t'); break;
                case '0': bytes.WriteByte(0); break;
                case '\\': bytes.WriteByte((byte)'\\'); break;
                case 'x':
                    ReadOnlySpan<char> digits = text.AsSpan(i + 1, 2);
                    bytes.WriteByte(byte.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                case '[':
                    i = Repeat(text, i, bytes);
                    break;
                default: throw new FormatException($"Unknown escape at {i - 1} of: {text}");
            }
        }
        return bytes.ToArray();
    }

    internal static string Show(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LongestText)
        {
            return $"<{bytes.Length} bytes, sha256 {Convert.ToHexStringLower(SHA256.HashData(bytes))[..12]}>";
        }
        StringBuilder text = new();
        foreach (byte b in bytes)
        {
            text.Append(b switch
            {
                (byte)'\r' => "\\r",
                (byte)'\n' => "\\n",
                (byte)'\t' => "\\t",
                0 => "\\0",
                (byte)'\\' => "\\\\",
                >= 0x20 and < 0x7F => ((char)b).ToString(),
                _ => $"\\x{b:X2}",
            });
        }
        return text.ToString();
    }

    private static int Repeat(string text, int open, MemoryStream bytes)
    {
        int colon = text.IndexOf(':', open);
        int close = text.IndexOf(']', open);
        if (colon < 0 || close < colon) throw new FormatException($"Unfinished repetition at {open}.");
        byte[] unit = Parse(text[(colon + 1)..close]);
        int count = int.Parse(text.AsSpan(open + 1, colon - open - 1), NumberStyles.None, CultureInfo.InvariantCulture);
        for (int i = 0; i < count; i++) bytes.Write(unit);
        return close;
    }
}
