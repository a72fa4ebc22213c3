namespace Seriema.Protocol.Tests;

/// <summary>
/// One file of <c>tests/corpus/requests</c>, or of another folder of bytes: a line of why, one verdict a line, <c>---</c>, the bytes.
/// </summary>
internal sealed record RequestCase(string Why, string Verdict, byte[] Bytes)
{
    private const string Separator = "\n---\n";

    internal static RequestCase Load(string file, string folder = "requests")
    {
        string text = File.ReadAllText(Corpus.PathOf(folder, file));
        int separator = text.IndexOf(Separator, StringComparison.Ordinal);
        int firstLine = text.IndexOf('\n', StringComparison.Ordinal);
        if (separator <= firstLine) throw new FormatException($"{file}: expected a line of why, verdicts, ---, bytes.");
        return new RequestCase(
            text[..firstLine],
            text[(firstLine + 1)..separator],
            VisibleBytes.Parse(text[(separator + Separator.Length)..]));
    }
}
