namespace Seriema;

/// <summary>An address cannot be listened on; the message is one line with the address and the reason.</summary>
public sealed class ListenException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ListenException(string address, string reason, Exception? inner = null)
        : base($"cannot listen on {address}: {reason}", inner)
    {
        Address = address;
    }

    /// <summary>The address as it was given.</summary>
    public string Address { get; }
}
