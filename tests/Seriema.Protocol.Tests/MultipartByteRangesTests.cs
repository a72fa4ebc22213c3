using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Seriema.Protocol.Tests;

public sealed partial class MultipartByteRangesTests
{
    private static readonly UInt128 s_random = new(0x0123456789ABCDEF, 0x00000000000000FF);

    public static TheoryData<string> Parted =>
        [.. Corpus.Files("ranges").Where(file => ConditionalCase.Load("ranges", file).Expected[..3] == "206")];

    [Fact]
    public void A_body_is_written_byte_for_byte_as_RFC_9110_14_6_shows()
    {
        byte[] boundary = Boundary();
        const string B = "0123456789abcdef00000000000000ff";
        MultipartByteRanges multipart = new(boundary, "text/plain"u8, 10);
        byte[] dest = new byte[200];
        Assert.Equal($"multipart/byteranges; boundary={B}", Text(dest, multipart.WriteContentType(dest)));
        Assert.Equal(
            $"--{B}\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/10\r\n\r\n",
            Text(dest, multipart.WritePartHead(dest, new ByteRange(0, 1), isFirst: true)));
        Assert.Equal(
            $"\r\n--{B}\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n",
            Text(dest, multipart.WritePartHead(dest, new ByteRange(8, 2), isFirst: false)));
        Assert.Equal($"\r\n--{B}--\r\n", Text(dest, multipart.WriteEnd(dest)));
    }

    [Theory, MemberData(nameof(Parted))]
    public void A_client_finds_the_parts_and_the_length_that_were_announced(string file)
    {
        ConditionalCase one = ConditionalCase.Load("ranges", file);
        if (one.Representation.Length > 1000) return; // its bytes are not made here
        byte[] content = [.. Enumerable.Range(0, (int)one.Representation.Length).Select(i => (byte)(i % 251))];
        ByteRange[] ranges = [.. one.Expected[4..].Split(',').Select(Range)];
        foreach (byte[] contentType in (byte[][])[[], [.. "text/html; charset=utf-8"u8]])
        {
            byte[] body = Body(content, ranges, contentType, out long announced);
            Assert.Equal(announced, body.Length);
            Assert.Equal(one.Expected[4..], string.Join(',', Parts(body, content, contentType)));
        }
    }

    [Fact]
    public void The_length_is_exact_for_the_longest_numbers()
    {
        MultipartByteRanges multipart = new(Boundary(), "a/b"u8, long.MaxValue);
        ByteRange last = new(long.MaxValue - 1, 1);
        byte[] dest = new byte[multipart.MaxPartHead];
        int heads = multipart.WritePartHead(dest, last, isFirst: true) + multipart.WriteEnd(new byte[100]);
        Assert.Equal(heads + 1, multipart.TotalLength([last]));
        Assert.Equal(multipart.MaxPartHead, multipart.WritePartHead(dest, last, isFirst: false));
    }

    [Theory]
    [InlineData(0, 1, 1, "bytes 0-0/1")]
    [InlineData(9, 1, 10, "bytes 9-9/10")]
    [InlineData(99, 902, 9999, "bytes 99-1000/9999")]
    [InlineData(0, long.MaxValue, long.MaxValue, "bytes 0-9223372036854775806/9223372036854775807")]
    public void Content_Range_is_as_long_as_it_says(long first, long count, long length, string expected)
    {
        byte[] dest = new byte[ContentRange.MaxLength];
        ByteRange range = new(first, count);
        Assert.Equal(expected, Text(dest, ContentRange.Write(dest, range, length)));
        Assert.Equal(expected.Length, ContentRange.LengthOf(range, length));
    }

    [Fact]
    public void What_is_unsatisfied_is_told_the_length()
    {
        byte[] dest = new byte[ContentRange.MaxLength];
        Assert.Equal("bytes */0", Text(dest, ContentRange.WriteUnsatisfied(dest, 0)));
        Assert.Equal("bytes */9223372036854775807", Text(dest, ContentRange.WriteUnsatisfied(dest, long.MaxValue)));
    }

    private static byte[] Body(byte[] content, ByteRange[] ranges, byte[] contentType, out long announced)
    {
        MultipartByteRanges multipart = new(Boundary(), contentType, content.Length);
        announced = multipart.TotalLength(ranges);
        using MemoryStream body = new();
        byte[] dest = new byte[multipart.MaxPartHead];
        for (int i = 0; i < ranges.Length; i++)
        {
            body.Write(dest, 0, multipart.WritePartHead(dest, ranges[i], i == 0));
            body.Write(content, (int)ranges[i].First, (int)ranges[i].Length);
        }
        body.Write(dest, 0, multipart.WriteEnd(dest));
        return body.ToArray();
    }

    // As a client reads RFC 2046 §5.1.1: parts stand between delimiters, and the line end belongs to the delimiter.
    private static IEnumerable<string> Parts(byte[] body, byte[] content, byte[] contentType)
    {
        string delimiter = "\r\n--" + Encoding.ASCII.GetString(Boundary());
        string[] pieces = ("\r\n" + Encoding.Latin1.GetString(body)).Split(delimiter);
        Assert.Equal("", pieces[0]);
        Assert.Equal("--\r\n", pieces[^1]);
        foreach (string piece in pieces[1..^1])
        {
            string[] headAndData = piece.Split("\r\n\r\n", 2);
            bool hasType = headAndData[0].Contains(
                "Content-Type: " + Encoding.ASCII.GetString(contentType) + "\r\n", StringComparison.Ordinal);
            Assert.Equal(contentType.Length > 0, hasType);
            Match place = Place().Match(headAndData[0]);
            Assert.Equal(content.Length, int.Parse(place.Groups[2].ValueSpan, CultureInfo.InvariantCulture));
            ByteRange range = Range(place.Groups[1].Value);
            byte[] expected = content[(int)range.First..(int)(range.Last + 1)];
            Assert.Equal(expected, Encoding.Latin1.GetBytes(headAndData[1]));
            yield return place.Groups[1].Value;
        }
    }

    private static ByteRange Range(string text)
    {
        long[] ends = [.. text.Split('-').Select(end => long.Parse(end, CultureInfo.InvariantCulture))];
        return new ByteRange(ends[0], ends[1] - ends[0] + 1);
    }

    private static byte[] Boundary()
    {
        byte[] boundary = new byte[MultipartByteRanges.BoundaryLength];
        MultipartByteRanges.FormatBoundary(boundary, s_random);
        return boundary;
    }

    private static string Text(byte[] bytes, int count) => Encoding.ASCII.GetString(bytes, 0, count);

    [GeneratedRegex(@"Content-Range: bytes (\d+-\d+)/(\d+)$")]
    private static partial Regex Place();
}
