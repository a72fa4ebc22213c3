using Seriema.Protocol;

namespace Seriema.Site;

/// <summary>The codings in which a file may lie beside itself, and by which suffix it is known.</summary>
internal static class PrecompressedFiles
{
    internal static readonly ContentCodings[] Codings = [ContentCodings.Brotli, ContentCodings.Zstd, ContentCodings.Gzip];

    internal static readonly ContentCodings[] All = [ContentCodings.Identity, .. Codings];

    internal static ReadOnlySpan<byte> SuffixOf(ContentCodings coding) => coding switch
    {
        ContentCodings.Brotli => ".br"u8,
        ContentCodings.Zstd => ".zst"u8,
        ContentCodings.Gzip => ".gz"u8,
        _ => default,
    };

    /// <summary>The coding's name in Content-Encoding.</summary>
    internal static ReadOnlySpan<byte> FieldValueOf(ContentCodings coding) => coding switch
    {
        ContentCodings.Brotli => "br"u8,
        ContentCodings.Zstd => "zstd"u8,
        ContentCodings.Gzip => "gzip"u8,
        _ => default,
    };

    internal static string NameOf(ContentCodings coding) => System.Text.Encoding.ASCII.GetString(FieldValueOf(coding));

    /// <summary>The coding that a name's suffix stands for; Identity for any other name.</summary>
    internal static ContentCodings OfName(ReadOnlySpan<byte> name)
    {
        foreach (ContentCodings coding in Codings)
        {
            if (name.EndsWith(SuffixOf(coding))) return coding;
        }
        return ContentCodings.Identity;
    }
}
