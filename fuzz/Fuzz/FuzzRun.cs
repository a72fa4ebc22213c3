using System.Diagnostics;
using System.Globalization;
using Fuzz.Targets;
using Seriema.Protocol.Tests;

namespace Fuzz;

/// <summary>Runs one target over the inputs of a seed: the same seed, target and number give the same bytes.</summary>
public sealed class FuzzRun
{
    private static readonly Dictionary<string, Func<FuzzTarget>> s_targets = new()
    {
        ["parser"] = () => new ParserTarget(),
        ["chunks"] = () => new ChunksTarget(),
        ["response"] = () => new ResponseTarget(),
        ["ranges"] = () => new RangesTarget(),
        ["conditions"] = () => new ConditionsTarget(),
        ["dates"] = () => new DatesTarget(),
        ["encodings"] = () => new EncodingsTarget(),
        ["paths"] = () => new PathsTarget(),
    };

    private readonly ulong _seed;
    private readonly Func<FuzzTarget> _make;
    private long _executions;
    private long _accepted;
    private string? _finding;

    /// <param name="target">One of <see cref="Targets"/>.</param>
    /// <param name="seed">Where the inputs come from.</param>
    /// <exception cref="ArgumentException">There is no such target.</exception>
    public FuzzRun(string target, ulong seed)
    {
        if (!s_targets.TryGetValue(target, out Func<FuzzTarget>? make)) throw new ArgumentException($"no target {target}", nameof(target));
        (Target, _seed, _make) = (target, seed, make);
    }

    /// <summary>The names of all targets.</summary>
    public static IReadOnlyCollection<string> Targets => s_targets.Keys;

    /// <summary>The target's name.</summary>
    public string Target { get; }

    /// <summary>Inputs that were looked at so far.</summary>
    public long Executions => Interlocked.Read(ref _executions);

    /// <summary>How many of them were right.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <summary>The rule that was broken, how to see it again, and the bytes as a corpus file has them; or null.</summary>
    public string? FirstFinding => Volatile.Read(ref _finding);

    /// <summary>Looks at the inputs first, first + step, … below end, or until the time is over or something is found.</summary>
    /// <remarks>Any number of threads at once, each with its own first.</remarks>
    public void Execute(long first, long end, int step, TimeSpan? longest = null)
    {
        const int Batch = 4096; // between two looks at the clock
        FuzzTarget target = _make();
        FuzzInput input = new();
        long started = Stopwatch.GetTimestamp();
        long number = first;
        while (number < end && FirstFinding is null && (longest is null || Stopwatch.GetElapsedTime(started) < longest))
        {
            long executions = 0;
            long accepted = 0;
            for (; executions < Batch && number < end; executions++, number += step)
            {
                FuzzRandom random = new(_seed ^ ((ulong)number * 0xD1342543DE82EF95));
                target.Make(ref random, input);
                if (!TryCheck(target, input, number, out bool isRight)) break;
                if (isRight) accepted++;
            }
            Interlocked.Add(ref _executions, executions);
            Interlocked.Add(ref _accepted, accepted);
        }
    }

    /// <summary>Looks at one input from a file of the corpus.</summary>
    public void Replay(byte[] bytes)
    {
        FuzzInput input = new();
        input.Set(bytes);
        TryCheck(_make(), input, -1, out _);
        Interlocked.Increment(ref _executions);
    }

    private bool TryCheck(FuzzTarget target, FuzzInput input, long number, out bool isRight)
    {
        isRight = false;
        try
        {
            isRight = target.Check(input);
            return true;
        }
        catch (Exception e)
        {
            string rule = e is Finding ? e.Message : e.ToString();
            string again = number < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" --seed {_seed} --first {number} --executions 1");
            string bytes = string.Concat(input.Bytes.ToArray().Chunk(60).Select(part => VisibleBytes.Show(part) + "\n"));
            Interlocked.CompareExchange(ref _finding, $"{rule}\nfuzz/run {Target}{again}\n---\n{bytes}", null);
            return false;
        }
    }
}
