namespace SnapBackup.Blocks.Linux;

/// <summary>Makes a regular file longer with space that is there: taken now, it cannot be missing when it is written.</summary>
internal sealed class FileSpace(string name, DeviceFile file)
{
    /// <summary>Makes the file longer, all of it or nothing.</summary>
    /// <param name="from">Its length in bytes.</param>
    /// <param name="to">The length it is to have.</param>
    /// <param name="cancellationToken">Gives up between two steps.</param>
    public void Extend(long from, long to, CancellationToken cancellationToken = default)
    {
        RefuseLengthOfOthers(from);
        RefuseMoreThanThereIs(to - from);
        try
        {
            file.Allocate(from, to - from, cancellationToken);
        }
        catch
        {
            CutBack(from);
            throw;
        }
    }

    /// <summary>Undoes what failed. Best effort: the error that is on its way says more than one of this call would.</summary>
    public void CutBack(long length) => _ = LibC.Truncate(file.Handle, length);

    /// <remarks>What another program appended would be cut off if this had to be undone.</remarks>
    private void RefuseLengthOfOthers(long expected)
    {
        var length = (long)file.Stat().Size;
        if (length != expected)
        {
            throw new BlockDeviceException(
                BlockDeviceError.SizeChanged,
                $"{name}: it is {length} bytes long now and was {expected} before. Stop what changes it and open it again.");
        }
    }

    /// <remarks>Asked first, because an allocation that fails takes all the room there is for a moment, and others fail.</remarks>
    private void RefuseMoreThanThereIs(long more)
    {
        var free = file.FreeRoom;
        if (more > free)
        {
            throw new BlockDeviceException(
                BlockDeviceError.NoSpace,
                $"{name}: {new ByteSize(more)} are wanted and its file system has {new ByteSize(free)} left. Ask for less or make room.");
        }
    }
}
