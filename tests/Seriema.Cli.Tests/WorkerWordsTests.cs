using Seriema.Arbiter;
using Seriema.CPython;

namespace Seriema.Cli.Tests;

public sealed class WorkerWordsTests
{
    private static readonly WorkerWords s_words = new()
    {
        Spec = new WorkerSpec(5, 6, 3, 2, [7, 8]),
        Python = new PythonInstallation("/a b/python", "/lib/libpython\t3.so", new Version(3, 14, 0), "3.14.0rc1"),
        Log = "/var/log/app.log",
        Arguments = ["--threads=2", "-c", "x = y", "app:app"],
        FromFile = 1,
    };

    [Fact]
    public void What_the_arbiter_writes_the_worker_reads()
    {
        WorkerWords read = WorkerWords.Read(s_words.ToArguments());
        Assert.Equal("control=5 board=6 slot=3 workers=2 listen=7,8 file=1", s_words.ToArguments()[1]);
        Assert.Equal((5, 6, 3, 2), (read.Spec.Control, read.Spec.Board, read.Spec.Slot, read.Spec.Workers));
        Assert.Equal([7, 8], read.Spec.Listeners);
        Assert.Equal(s_words.Python, read.Python);
        Assert.Equal("/var/log/app.log", read.Log);
        Assert.Equal(s_words.Arguments, read.Arguments);
        Assert.Equal(["-c", "x = y", "app:app"], read.Typed);
        Assert.Null(WorkerWords.Read((s_words with { Log = null }).ToArguments()).Log);
    }

    [Fact]
    public void The_memory_for_rates_is_told_of_where_there_is_one()
    {
        WorkerWords words = s_words with { Rates = 9 };
        Assert.Equal("control=5 board=6 slot=3 workers=2 listen=7,8 file=1 rates=9", words.ToArguments()[1]);
        Assert.Equal(9, WorkerWords.Read(words.ToArguments()).Rates);
        Assert.Null(WorkerWords.Read(s_words.ToArguments()).Rates);
    }

    [Theory]
    [InlineData("--seriema-worker")]
    [InlineData("--seriema-worker app:app a b c d e")]
    [InlineData("--seriema-worker control=5 b c d e f")]
    public void Words_that_somebody_typed_are_a_mistake(string words)
    {
        var error = new StringWriter();
        Assert.Equal(2, WorkerRun.Run(words.Split(' '), error, _ => null));
        Assert.Equal("seriema: --seriema-worker is how the server starts its own workers; it is not for the command line\n", error.ToString());
    }
}
