using System.Text;

namespace Seriema.Protocol;

/// <summary>Chooses the coding of a response by Accept-Encoding, RFC 9110 §12.5.3.</summary>
/// <remarks>Any thread; nothing is allocated. That the response depends on it (Vary) the caller says.</remarks>
internal static class AcceptEncoding
{
    // Weights count in thousandths, doubled, so that there is one above none and below the least that can be written.
    private const int Unmentioned = -1;
    private const int LastResort = 1;

    /// <summary>
    /// The best of what is there: the client's weights decide, then brotli, zstd, gzip, identity.
    /// </summary>
    /// <param name="head">The parsed head.</param>
    /// <param name="headBytes">The bytes that it points into.</param>
    /// <param name="available">What the file lies ready in.</param>
    /// <returns>One coding, or None when the client excludes all (a server may then send 406).</returns>
    internal static ContentCodings Choose(RequestHead head, ReadOnlySpan<byte> headBytes, ContentCodings available)
    {
        Weights weights = new(Unmentioned);
        bool isPresent = false;
        foreach (ref readonly Field field in head.Fields)
        {
            if (field.Known != KnownField.AcceptEncoding) continue;
            isPresent = true;
            weights.AddLine(field.Value.Of(headBytes));
        }
        // §12.5.3: without the field every coding is acceptable; the file itself is what any client understands.
        if (!isPresent && (available & ContentCodings.Identity) != 0) return ContentCodings.Identity;
        ContentCodings best = ContentCodings.None;
        int bestWeight = 0;
        for (ContentCodings coding = ContentCodings.Brotli; coding != ContentCodings.None; coding = Next(coding))
        {
            int weight = isPresent ? weights.Of(coding) : LastResort;
            if ((available & coding) == 0 || weight <= bestWeight) continue;
            best = coding;
            bestWeight = weight;
        }
        return best;
    }

    private static ContentCodings Next(ContentCodings coding) => (ContentCodings)((int)coding >> 1);

    /// <summary>What the field says of each coding.</summary>
    private struct Weights(int unmentioned)
    {
        private int _identity = unmentioned;
        private int _gzip = unmentioned;
        private int _zstd = unmentioned;
        private int _brotli = unmentioned;
        private int _any = unmentioned;

        internal void AddLine(ReadOnlySpan<byte> list)
        {
            while (Grammar.TryNextElement(ref list, out ReadOnlySpan<byte> element))
            {
                int semicolon = element.IndexOf((byte)';');
                ReadOnlySpan<byte> name = semicolon < 0 ? element : Grammar.TrimOws(element[..semicolon]);
                int weight = semicolon < 0 ? 2000 : ReadWeight(Grammar.TrimOws(element[(semicolon + 1)..]));
                if (weight < 0) continue; // a weight that cannot be read is no consent
                if (name.SequenceEqual("*"u8)) Lower(ref _any, weight);
                else if (Ascii.EqualsIgnoreCase(name, "br"u8)) Lower(ref _brotli, weight);
                else if (Ascii.EqualsIgnoreCase(name, "gzip"u8)) Lower(ref _gzip, weight);
                else if (Ascii.EqualsIgnoreCase(name, "zstd"u8)) Lower(ref _zstd, weight);
                else if (Ascii.EqualsIgnoreCase(name, "x-gzip"u8)) Lower(ref _gzip, weight); // §8.4.1.3: the same
                else if (Ascii.EqualsIgnoreCase(name, "identity"u8)) Lower(ref _identity, weight);
            }
        }

        internal readonly int Of(ContentCodings coding)
        {
            int own = coding switch
            {
                ContentCodings.Brotli => _brotli,
                ContentCodings.Zstd => _zstd,
                ContentCodings.Gzip => _gzip,
                _ => _identity,
            };
            if (own != Unmentioned) return own;
            if (_any != Unmentioned) return _any;
            // §12.5.3: only identity needs no mention. It comes after whatever the client took the trouble to name.
            return coding == ContentCodings.Identity ? LastResort : 0;
        }

        // Named twice: what the client excludes anywhere it does not get.
        private static void Lower(ref int known, int weight) =>
            known = known == Unmentioned ? weight : Math.Min(known, weight);

        // §12.4.2: "q=" then 0 to 1 with at most three decimals; nothing else may follow. -1: not that.
        private static int ReadWeight(ReadOnlySpan<byte> text)
        {
            if (text.Length is < 3 or > 7 || (text[0] | 0x20) != 'q' || text[1] != '=') return -1;
            if (text[2] is not ((byte)'0' or (byte)'1') || (text.Length > 3 && text[3] != '.')) return -1;
            int weight = (text[2] - '0') * 1000;
            for (int i = 4, scale = 100; i < text.Length; i++, scale /= 10)
            {
                if (!char.IsAsciiDigit((char)text[i])) return -1;
                weight += (text[i] - '0') * scale;
            }
            return weight > 1000 ? -1 : weight * 2;
        }
    }
}
