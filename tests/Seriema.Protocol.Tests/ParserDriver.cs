using System.Buffers;
using System.Text;

namespace Seriema.Protocol.Tests;

/// <summary>Feeds bytes to parser and body reader as a connection would, and puts what comes out into words.</summary>
/// <remarks>
/// One line for each request: <c>accepted …</c>, <c>rejected CODE</c>, or <c>incomplete</c> at the end.
/// </remarks>
internal sealed class ParserDriver
{
    private readonly RequestParser _parser;
    private readonly BodyReader _bodyReader;
    private readonly RequestHead _head = new();
    private readonly ArrayBufferWriter<byte> _body = new();
    private readonly byte[] _output;
    private readonly StringBuilder _verdict = new();
    private byte[] _bytes = [];
    private int _start; // of the current message
    private int _at; // the next byte of its body
    private bool _inBody;

    private ParserDriver(HttpLimits limits, int outputSize)
    {
        _parser = new RequestParser(limits);
        _bodyReader = new BodyReader(limits);
        _output = new byte[outputSize];
    }

    internal static string Feed(byte[] bytes, int[] cuts, HttpLimits? limits = null) =>
        // A byte-by-byte run gets a one-byte output too: the smallest of everything.
        new ParserDriver(limits ?? new HttpLimits(), cuts.Length > 1 ? 1 : 4096).Run(bytes, cuts);

    private string Run(byte[] bytes, int[] cuts)
    {
        _bytes = bytes;
        foreach (int end in (int[])[.. cuts, bytes.Length])
        {
            while (_start < end)
            {
                ParseStatus status = _inBody ? ReadBody(end) : ReadHead(end);
                if (status == ParseStatus.NeedMore) break;
                if (status == ParseStatus.Rejected) return _verdict.ToString().TrimEnd('\n');
            }
        }
        if (_inBody || _start < bytes.Length) _verdict.Append("incomplete");
        return _verdict.ToString().TrimEnd('\n');
    }

    private ParseStatus ReadHead(int end)
    {
        ParseStatus status = _parser.Read(_bytes.AsSpan(_start, end - _start), _head, out int consumed);
        if (status != ParseStatus.Done)
        {
            Assert.Equal(0, consumed);
            return status == ParseStatus.Rejected ? Rejected(_parser.Reason) : status;
        }
        _at = _start + consumed;
        _body.ResetWrittenCount();
        _bodyReader.Start(_head);
        _inBody = true;
        return ReadBody(end);
    }

    private ParseStatus ReadBody(int end)
    {
        while (true)
        {
            ReadOnlySpan<byte> input = _bytes.AsSpan(_at, end - _at);
            ParseStatus status = _bodyReader.Read(input, _output, out int consumed, out int written);
            _body.Write(_output.AsSpan(0, written));
            _at += consumed;
            if (status == ParseStatus.Rejected) return Rejected(_bodyReader.Reason);
            if (status == ParseStatus.Done)
            {
                Assert.True(_bodyReader.IsComplete);
                Assert.Equal(0, _bodyReader.Remaining);
                Accepted();
                _start = _at;
                _inBody = false;
                return status;
            }
            Assert.True(written == _output.Length || consumed == input.Length, "NeedMore with input and room left.");
            if (_at == end && written < _output.Length) return status;
        }
    }

    private ParseStatus Rejected(RejectReason reason)
    {
        _verdict.Append("rejected ").Append(Rejections.Of(reason).Code).Append('\n');
        return ParseStatus.Rejected;
    }

    private void Accepted()
    {
        Assert.Equal(_body.WrittenCount, _bodyReader.Received);
        _verdict.Append("accepted ").Append(Show(_head.Method)).Append(' ').Append(Show(_head.Target));
        _verdict.Append(" 1.").Append(_head.MinorVersion);
        if (_head.Form != TargetForm.Origin)
        {
            _verdict.Append("; form=").Append(_head.Form.ToString().ToLowerInvariant());
            if (_head.IsHttpsTarget) _verdict.Append("; https");
        }
        if (_head.Path != _head.Target) _verdict.Append("; path=").Append(Show(_head.Path));
        if (_head.HasQuery) _verdict.Append("; query=").Append(Show(_head.Query));
        _verdict.Append("; host=").Append(Show(_head.Host));
        if (_head.IsChunked) _verdict.Append("; chunked");
        else if (_head.ContentLength >= 0) _verdict.Append("; length=").Append(_head.ContentLength);
        _verdict.Append(_head.KeepAlive ? "; keep-alive" : "; close");
        if (_head.ExpectContinue) _verdict.Append("; expect");
        _verdict.Append("; fields=").Append(_head.FieldCount);
        if (_head.HasBody) _verdict.Append("; body=").Append(VisibleBytes.Show(_body.WrittenSpan));
        _verdict.Append('\n');
    }

    private string Show(Slice slice) => VisibleBytes.Show(slice.Of(_bytes.AsSpan(_start)));
}
