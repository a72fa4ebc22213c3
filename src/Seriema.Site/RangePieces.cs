using System.Security.Cryptography;
using Seriema.Protocol;
using Seriema.Wsgi;

namespace Seriema.Site;

/// <summary>Several ranges of one file as the body of one response, made piece by piece while it is sent.</summary>
/// <remarks>Belongs to the response, and has one share of the file.</remarks>
internal sealed class RangePieces : SharedFile
{
    private readonly OpenFile? _file;
    private readonly byte[] _contentType;
    private readonly long _length;
    private readonly ByteRange[] _ranges;
    private readonly byte[] _boundary = new byte[MultipartByteRanges.BoundaryLength];
    private readonly byte[] _text;
    private int _next;

    /// <param name="file">A share that the pieces give back; null for a file that is kept as bytes.</param>
    /// <param name="contentType">The file's own.</param>
    /// <param name="length">The file's.</param>
    /// <param name="ranges">At least one.</param>
    internal RangePieces(OpenFile? file, byte[] contentType, long length, ReadOnlySpan<ByteRange> ranges)
    {
        _file = file;
        _contentType = contentType;
        _length = length;
        _ranges = ranges.ToArray();
        MultipartByteRanges.FormatBoundary(_boundary, new UInt128(Random(), Random()));
        _text = new byte[Multipart.MaxPartHead];
    }

    internal override int Descriptor => _file?.Descriptor ?? -1;

    /// <summary>Of the whole body.</summary>
    internal long TotalLength => Multipart.TotalLength(_ranges);

    private MultipartByteRanges Multipart => new(_boundary, _contentType, _length);

    internal override int Duplicate() => _file?.Duplicate() ?? -1;

    internal override void Release() => _file?.Release();

    /// <summary>The response's Content-Type; valid until the next call of anything here.</summary>
    internal ReadOnlySpan<byte> WriteContentType() => _text.AsSpan(0, Multipart.WriteContentType(_text));

    internal override bool MoveNext(out ReadOnlySpan<byte> bytes, out long offset, out long count)
    {
        bytes = default;
        offset = count = 0;
        if (_next > _ranges.Length) return false;
        if (_next == _ranges.Length)
        {
            bytes = _text.AsSpan(0, Multipart.WriteEnd(_text));
        }
        else
        {
            (offset, count) = (_ranges[_next].First, _ranges[_next].Length);
            bytes = _text.AsSpan(0, Multipart.WritePartHead(_text, _ranges[_next], isFirst: _next == 0));
        }
        _next++;
        return true;
    }

    private static ulong Random()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(bytes);
        return BitConverter.ToUInt64(bytes);
    }
}
