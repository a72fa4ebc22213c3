using Seriema.Protocol;

namespace Fuzz.Targets;

/// <summary>The three forms of an HTTP-date.</summary>
internal sealed class DatesTarget : FuzzTarget
{
    private const long Now = 1795262400;
    private static readonly byte[][] s_days = Pieces("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "sun", "Sunday", "");
    private static readonly byte[][] s_longDays =
        Pieces("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sun", "day Mon");
    private static readonly byte[][] s_months =
        Pieces("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "anF", "XXX");
    private static readonly byte[][] s_tokens = Pieces(" ", ":", "-", ", ", "GMT", "0", "9", "60", "\u0660", "\0");

    private readonly byte[] _text = new byte[HttpDate.Length];

    internal override void Make(ref FuzzRandom random, FuzzInput input)
    {
        input.Clear();
        switch (random.Next(4))
        {
            case 0 or 1: MakeRight(ref random, input); break;
            case 2: MakeRfc850(ref random, input); break;
            default: MakeAsctime(ref random, input); break;
        }
        if (random.OneIn(3)) input.Damage(ref random, s_tokens);
    }

    internal override bool Check(FuzzInput input)
    {
        bool isDate = HttpDate.TryParse(input.Bytes, Now, out long seconds);
        Finding.Unless(isDate || input.Messages < 0, "A date that was written here is not read.");
        if (!isDate) return false;
        Finding.Unless(input.Messages < 0 || input.Bodies == (ulong)seconds, "A date is another second than it was.");
        if (seconds >= 253402300800) return true; // the leap second behind the last year that can be written
        HttpDate.Format(_text, DateTime.UnixEpoch.AddSeconds(seconds));
        Finding.Unless(HttpDate.TryParse(_text, Now, out long again) && again == seconds, "A date written again is another one.");
        return true;
    }

    private void MakeRight(ref FuzzRandom random, FuzzInput input)
    {
        long seconds = (long)(random.NextUInt64() % 315537897600) - 62135596800; // year 1 to 9999
        HttpDate.Format(_text, DateTime.UnixEpoch.AddSeconds(seconds));
        input.Add(_text);
        input.Messages = 1;
        input.Bodies = (ulong)seconds;
    }

    private static void MakeRfc850(ref FuzzRandom random, FuzzInput input)
    {
        input.Add(random.Pick(s_longDays));
        input.Add(", "u8);
        AddTwo(ref random, input, 33);
        input.Add((byte)'-');
        input.Add(random.Pick(s_months));
        input.Add((byte)'-');
        AddTwo(ref random, input, 100);
        AddTime(ref random, input);
        input.Add(" GMT"u8);
    }

    private static void MakeAsctime(ref FuzzRandom random, FuzzInput input)
    {
        input.Add(random.Pick(s_days));
        input.Add((byte)' ');
        input.Add(random.Pick(s_months));
        input.Add((byte)' ');
        AddTwo(ref random, input, 33);
        AddTime(ref random, input);
        input.Add((byte)' ');
        input.AddDecimal(1900 + random.Next(200));
    }

    private static void AddTime(ref FuzzRandom random, FuzzInput input)
    {
        input.Add((byte)' ');
        AddTwo(ref random, input, 25);
        input.Add((byte)':');
        AddTwo(ref random, input, 61);
        input.Add((byte)':');
        AddTwo(ref random, input, 62);
    }

    private static void AddTwo(ref FuzzRandom random, FuzzInput input, int bound)
    {
        int number = random.Next(bound);
        if (number < 10) input.Add(random.OneIn(2) ? (byte)'0' : (byte)' ');
        input.AddDecimal(number);
    }
}
