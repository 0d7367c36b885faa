using System.Globalization;
using System.Text.RegularExpressions;

namespace SnapBackup.Kernel.Linux;

/// <summary>A mounted file system: a line of <c>/proc/self/mountinfo</c>.</summary>
/// <param name="Id">The mount's number.</param>
/// <param name="DeviceNumber">Major and minor number: the same for all mounts of one file system.</param>
/// <param name="Path">Where it is mounted.</param>
/// <param name="FileSystem">Its kind, such as <c>ext4</c>.</param>
/// <param name="Source">What is mounted, such as <c>/dev/loop0</c>.</param>
internal sealed partial record MountEntry(ulong Id, string DeviceNumber, string Path, string FileSystem, string Source)
{
    /// <summary>Reads a line: id, parent, major:minor, root, mount point, options, any number of tags, a dash, kind, source, options.</summary>
    public static MountEntry Parse(string line)
    {
        var fields = line.Split(' ');
        var dash = Array.IndexOf(fields, "-", 6);
        return new MountEntry(
            ulong.Parse(fields[0], CultureInfo.InvariantCulture), fields[2], Unescape(fields[4]), fields[dash + 1], Unescape(fields[dash + 2]));
    }

    /// <summary>The device that it lies on; null for a file system without one.</summary>
    public BlockNode? Device => BlockNode.Numbered(DeviceNumber) ?? (Source.StartsWith("/dev/", StringComparison.Ordinal) ? BlockNode.At(Source) : null);

    /// <summary>Blanks and backslashes are written as a backslash and three octal digits.</summary>
    private static string Unescape(string field) =>
        Octal().Replace(field, match => ((char)Convert.ToInt32(match.Value[1..], 8)).ToString());

    [GeneratedRegex(@"\\[0-7]{3}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Octal();
}
