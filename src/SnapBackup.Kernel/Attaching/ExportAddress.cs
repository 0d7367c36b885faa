namespace SnapBackup.Kernel.Attaching;

/// <summary>Where an NBD export is served.</summary>
/// <param name="Socket">The Unix socket of the server.</param>
/// <param name="Name">The export's name; of characters that need no escaping in a URI.</param>
public sealed record ExportAddress(string Socket, string Name)
{
    /// <summary>As the NBD URI specification writes it.</summary>
    public string Uri => $"nbd+unix:///{Name}?socket={Socket}";
}
