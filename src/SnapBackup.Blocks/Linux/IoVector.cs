using System.Runtime.InteropServices;

namespace SnapBackup.Blocks.Linux;

/// <summary><c>struct iovec</c>: one buffer of a vectored read or write.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe readonly struct IoVector(void* address, nuint length)
{
    public readonly void* Address = address;
    public readonly nuint Length = length;
}
