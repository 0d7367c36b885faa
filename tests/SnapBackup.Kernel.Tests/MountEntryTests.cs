using SnapBackup.Kernel.Linux;

namespace SnapBackup.Kernel.Tests;

public sealed class MountEntryTests
{
    [Theory]
    [InlineData("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue", 36, "98:0", "/mnt2", "ext3", "/dev/root")]
    [InlineData("37 35 0:42 / /a\\040b\\134c rw - btrfs /dev/loop\\0401 rw", 37, "0:42", "/a b\\c", "btrfs", "/dev/loop 1")]
    public void A_line_is_read_with_any_number_of_tags_and_blanks_in_names(string line, ulong id, string number, string path, string kind, string source) =>
        Assert.Equal(new MountEntry(id, number, path, kind, source), MountEntry.Parse(line));
}
