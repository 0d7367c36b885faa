namespace SnapBackup.Blocks.Linux;

/// <summary>The small files in which the kernel tells about itself.</summary>
internal static class Sysfs
{
    /// <summary>What such a file says, a line feed at its end left out; null when it is not there, may not be read or is blank.</summary>
    public static string? TryRead(string path)
    {
        try
        {
            var text = File.ReadAllText(path);
            return string.IsNullOrWhiteSpace(text) ? null : text.TrimEnd('\n');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null; // it went away with its device, or the device does not know
        }
    }
}
