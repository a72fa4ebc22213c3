using BenchmarkDotNet.Attributes;
using Seriema.Protocol;

namespace Microbench;

/// <summary>Reading a request head that arrives whole, and cut in the middle.</summary>
public class Parser
{
    private readonly RequestParser _parser = new(new HttpLimits());
    private readonly RequestHead _head = new();
    private byte[] _bytes = [];

    [Params(Requests.Minimal, Requests.Curl, Requests.Browser)]
    public string Request { get; set; } = "";

    [GlobalSetup]
    public void Setup() => _bytes = Requests.Bytes(Request);

    [Benchmark(Baseline = true)]
    public int Whole()
    {
        if (_parser.Read(_bytes, _head, out int consumed) != ParseStatus.Done) throw new InvalidOperationException();
        return consumed;
    }

    [Benchmark]
    public int InTwoPieces()
    {
        ReadOnlySpan<byte> bytes = _bytes;
        if (_parser.Read(bytes[..(bytes.Length / 2)], _head, out _) != ParseStatus.NeedMore
            || _parser.Read(bytes, _head, out int consumed) != ParseStatus.Done)
        {
            throw new InvalidOperationException();
        }
        return consumed;
    }
}
