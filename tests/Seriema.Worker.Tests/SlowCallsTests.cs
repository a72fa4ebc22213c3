using System.Text;

namespace Seriema.Worker.Tests;

public sealed class SlowCallsTests
{
    [Theory]
    [InlineData("GET a /x", "GET a /x", true)]
    [InlineData("GET a /x", "POST a /x", false)]
    [InlineData("GET a /x", "GET b /x", false)]
    [InlineData("GET a /x", "GET a /y", false)]
    [InlineData("GET a /x", "GET a /x/", false)]
    [InlineData("GET a /x/y", "GET a /y/x", false)]
    [InlineData("GET example.org:8000 /long/path", "GET example.org:8001 /long/path", false)]
    [InlineData("GET a /users/17", "GET a /users/18", true)]
    [InlineData("GET a /users/17", "GET a /users/5f3c2a", true)] // any segment with a digit
    [InlineData("GET a /users/17", "GET a /groups/17", false)]
    [InlineData("GET a /users/17", "GET a /users/me", false)]
    [InlineData("GET a /users/17", "GET a /users/17/edit", false)]
    [InlineData("GET a /users/17/edit", "GET a /users/99/edit", true)]
    [InlineData("GET a /users/17/edit", "GET a /users/99/show", false)]
    [InlineData("GET a /2024/05/17", "GET a /2023/11/01", true)]
    [InlineData("GET a /2024/05/17", "GET a /2024/05", false)]
    [InlineData("GET a /17", "GET a /17/", false)]
    [InlineData("GET a /v1/list", "GET a /v2/list", true)]
    [InlineData("OPTIONS a ", "OPTIONS a ", true)] // the target *
    public void Requests_of_one_kind_have_one_key(string one, string other, bool same)
    {
        Assert.Equal(same, Key(one) == Key(other));
    }

    [Fact]
    public void The_keys_of_different_paths_rarely_meet()
    {
        HashSet<uint> keys = [];
        foreach (string letter in "abcdefghijklmnopqrstuvwxyz".Select(c => c.ToString()))
        {
            for (int length = 1; length <= 40; length++) keys.Add(Key($"GET a /{string.Concat(Enumerable.Repeat(letter, length))}"));
        }
        Assert.Equal(26 * 40, keys.Count);
    }

    [Fact]
    public void Unknown_requests_stay_on_the_loop()
    {
        SlowCalls slow = new();
        Assert.False(slow.IsSlow(Key("GET a /x")));
        Assert.False(slow.Surprised);
    }

    [Fact]
    public void A_request_that_blocked_the_loop_does_so_once()
    {
        SlowCalls slow = new();
        slow.OnBlockedLoop(Key("GET a /x"));
        Assert.True(slow.IsSlow(Key("GET a /x")));
        Assert.False(slow.IsSlow(Key("GET a /y")));
    }

    [Fact]
    public void A_request_that_is_fast_again_comes_back_to_the_loop()
    {
        SlowCalls slow = new();
        uint key = Key("GET a /x");
        slow.OnMeasured(key, slow: true);
        Assert.True(slow.IsSlow(key));
        slow.OnMeasured(key, slow: false);
        Assert.False(slow.IsSlow(key));
    }

    [Fact]
    public void A_request_in_the_same_place_of_the_table_is_another_one()
    {
        SlowCalls slow = new();
        slow.OnMeasured(0x0000_1004, slow: true);
        Assert.True(slow.IsSlow(0x0000_1004));
        Assert.False(slow.IsSlow(0x0000_2004 | 0x400)); // the same ten low bits, but not the same request
        slow.OnMeasured(0xFFFF_F004, slow: true);
        Assert.False(slow.IsSlow(0x0000_1004));
    }

    [Fact]
    public void Many_surprises_send_everything_unknown_away_from_the_loop_until_they_end()
    {
        SlowCalls slow = new();
        uint fast = Key("GET a /fast");
        slow.OnMeasured(fast, slow: false);
        // Twenty within one second of the clock; a second may end in between, but not again and again.
        for (uint i = 0; i < 200 && !slow.Surprised; i++) slow.OnBlockedLoop(i << 16);
        Assert.True(slow.Surprised);
        Assert.True(slow.IsSlow(Key("GET a /unknown")));
        Assert.False(slow.IsSlow(fast));

        long second = Environment.TickCount64 / 1000;
        slow.OnSecond(second);
        Assert.True(slow.Surprised);
        slow.OnSecond(second + 2);
        Assert.False(slow.Surprised);
        Assert.False(slow.IsSlow(Key("GET a /unknown")));
    }

    [Fact]
    public void A_few_surprises_change_nothing()
    {
        SlowCalls slow = new();
        for (uint i = 0; i < 19; i++) slow.OnBlockedLoop(i << 16);
        Assert.False(slow.Surprised);
    }

    private static uint Key(string request)
    {
        string[] parts = request.Split(' ');
        return SlowCalls.Key(Encoding.ASCII.GetBytes(parts[0]), Encoding.ASCII.GetBytes(parts[1]), Encoding.ASCII.GetBytes(parts[2]));
    }
}
