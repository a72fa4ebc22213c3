using System.Text;

namespace Fuzz;

/// <summary>One part of the protocol under test. Each thread has its own.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Makes the input that belongs to the random stream.</summary>
    internal abstract void Make(ref FuzzRandom random, FuzzInput input);

    /// <summary>Looks whether all rules hold, from the bytes alone, so that a corpus file says it all.</summary>
    /// <returns>Whether the bytes were accepted as right: a run without any, or with nothing else, proves little.</returns>
    /// <exception cref="Finding">A rule is broken.</exception>
    internal abstract bool Check(FuzzInput input);

    /// <summary>Tables are written as text and used as bytes.</summary>
    protected static byte[][] Pieces(params string[] texts) => [.. texts.Select(text => Encoding.Latin1.GetBytes(text))];
}
