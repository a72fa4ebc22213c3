using Fuzz;

namespace Seriema.Protocol.Tests;

/// <summary>A short run of each target of <c>fuzz/run</c>, and what longer runs have found.</summary>
public sealed class FuzzerTests
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(0.5);

    public static TheoryData<string> Targets => [.. FuzzRun.Targets];

    public static TheoryData<string, string> Found
    {
        get
        {
            TheoryData<string, string> found = [];
            foreach (string target in FuzzRun.Targets)
            {
                string folder = $"fuzz/{target}";
                if (!Directory.Exists(Corpus.PathOf("fuzz", target))) continue;
                foreach (string file in Corpus.Files(folder)) found.Add(target, file);
            }
            return found;
        }
    }

    [Theory, MemberData(nameof(Targets))]
    public void A_short_run_finds_nothing(string target)
    {
        FuzzRun run = new(target, (ulong)Environment.TickCount64); // another one each run; a finding prints it
        run.Execute(0, long.MaxValue, 1, s_longest);
        Assert.True(run.FirstFinding is null, run.FirstFinding);
        // Inputs that are all right or all wrong would prove little; each batch has thousands.
        Assert.True(run.Accepted > 100 && run.Executions - run.Accepted > 100, $"{run.Accepted} of {run.Executions} are right");
    }

    [Theory, MemberData(nameof(Targets))]
    public void A_seed_is_a_run(string target)
    {
        FuzzRun once = new(target, 7);
        once.Execute(0, 500, 1);
        FuzzRun inTwo = new(target, 7);
        inTwo.Execute(1, 500, 2);
        inTwo.Execute(0, 500, 2);
        Assert.Equal((500, once.Accepted), (inTwo.Executions, inTwo.Accepted));
    }

    [Theory, MemberData(nameof(Found))]
    public void What_was_found_stays_fixed(string target, string file)
    {
        string text = File.ReadAllText(Corpus.PathOf($"fuzz/{target}", file));
        FuzzRun run = new(target, 0);
        run.Replay(VisibleBytes.Parse(text[(text.IndexOf("\n---\n", StringComparison.Ordinal) + 5)..]));
        Assert.True(run.FirstFinding is null, $"{file}: {run.FirstFinding}");
    }
}
