namespace Seriema.Wsgi.Tests;

/// <summary>An exchange whose client was answered before the gateway came to it.</summary>
internal sealed class ExpiredExchange : FakeExchange
{
    internal override bool IsExpired => true;
}
