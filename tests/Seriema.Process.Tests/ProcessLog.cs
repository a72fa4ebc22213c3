using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;

namespace Seriema.Process.Tests;

/// <summary>A line that a process wrote, and when it came (<see cref="Stopwatch.GetTimestamp"/>).</summary>
internal readonly record struct ProcessLine(int Number, bool IsOutput, string Text, long Time);

/// <summary>All that a process and its children wrote, line by line; who waits for a line is woken by it. Any thread.</summary>
internal sealed class ProcessLog
{
    private readonly List<ProcessLine> _lines = [];
    private int _openStreams = 2;

    /// <summary>How many lines there are: a place from which to wait for later ones.</summary>
    internal int Mark
    {
        get { lock (_lines) return _lines.Count; }
    }

    /// <param name="line">Null when the stream has ended.</param>
    internal void Add(string? line, bool isOutput)
    {
        lock (_lines)
        {
            if (line is null) _openStreams--;
            else _lines.Add(new ProcessLine(_lines.Count, isOutput, line, Stopwatch.GetTimestamp()));
            Monitor.PulseAll(_lines);
        }
    }

    /// <summary>One stream's text up to now.</summary>
    internal string Text(bool isOutput)
    {
        StringBuilder text = new();
        lock (_lines)
        {
            foreach (ProcessLine line in _lines)
            {
                if (line.IsOutput == isOutput) text.Append(line.Text).Append('\n');
            }
        }
        return text.ToString();
    }

    /// <summary>Every line from a mark on that the pattern finds, up to now.</summary>
    internal List<(ProcessLine Line, Match Match)> All(string pattern, int from = 0)
    {
        List<(ProcessLine, Match)> found = [];
        lock (_lines)
        {
            foreach (ProcessLine line in _lines.Skip(from))
            {
                if (Regex.Match(line.Text, pattern) is { Success: true } match) found.Add((line, match));
            }
        }
        return found;
    }

    /// <summary>Waits for the first line from a mark on that the pattern finds.</summary>
    internal (ProcessLine Line, Match Match) WaitFor(string pattern, int from = 0)
    {
        long start = Stopwatch.GetTimestamp();
        lock (_lines)
        {
            for (int next = from; ; next++)
            {
                while (next >= _lines.Count)
                {
                    TimeSpan left = ServerProcess.Patience - Stopwatch.GetElapsedTime(start);
                    if (_openStreams == 0) throw new InvalidOperationException($"the streams ended without '{pattern}':\n{this}");
                    if (left <= TimeSpan.Zero || !Monitor.Wait(_lines, left)) throw new TimeoutException($"no line with '{pattern}' from line {from} on:\n{this}");
                }
                if (Regex.Match(_lines[next].Text, pattern) is { Success: true } match) return (_lines[next], match);
            }
        }
    }

    /// <summary>Waits until nobody holds the streams: every process that inherited them is gone.</summary>
    internal void WaitForEnd()
    {
        long start = Stopwatch.GetTimestamp();
        lock (_lines)
        {
            while (_openStreams > 0)
            {
                TimeSpan left = ServerProcess.Patience - Stopwatch.GetElapsedTime(start);
                if (left <= TimeSpan.Zero || !Monitor.Wait(_lines, left)) throw new TimeoutException($"somebody still holds the streams:\n{this}");
            }
        }
    }

    public override string ToString() => Text(isOutput: true) + Text(isOutput: false);
}
