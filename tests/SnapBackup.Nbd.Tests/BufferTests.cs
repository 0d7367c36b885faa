using SnapBackup.Nbd.Buffers;

namespace SnapBackup.Nbd.Tests;

public sealed class BufferTests
{
    [Fact]
    public void A_buffer_is_there_until_its_last_user_lets_go()
    {
        var buffer = PooledBuffer.Rent(100);
        Assert.True(buffer.HasOneUser);
        buffer.Retain();
        Assert.False(buffer.HasOneUser);
        buffer.Release();
        Assert.InRange(buffer.Array.Length, 100, int.MaxValue);
        buffer.Release();
        Assert.Throws<ObjectDisposedException>(() => buffer.Array);
    }

    [Fact]
    public void Replies_that_lie_together_are_one_piece_and_others_are_not()
    {
        using var arena = new ReplyArena();
        var (first, second, third, fourth) = (arena.Reserve(16), arena.Reserve(16), arena.Reserve(16), arena.Reserve(16));
        var batch = new ReplyBatch();
        batch.Add(first);
        batch.Add(second);
        batch.Add(fourth);
        Assert.Equal((2, 48), (batch.Pieces, batch.Bytes));
        batch.Add(third);
        Assert.Equal((3, 64), (batch.Pieces, batch.Bytes));
        batch.Clear();
        Assert.True(batch.IsEmpty);
        Assert.Equal(0, arena.Reserve(16).Start);
    }

    [Fact]
    public void The_arena_begins_again_only_when_no_reply_is_left_in_it()
    {
        using var arena = new ReplyArena();
        var waiting = arena.Reserve(1000);
        Assert.Equal(1000, arena.Reserve(24).Start);
        Assert.Null(arena.TryReserve(ReplyArena.Capacity));
        var inNewBuffer = arena.Reserve(ReplyArena.Capacity);
        Assert.NotSame(waiting.Buffer, inNewBuffer.Buffer);
        inNewBuffer.Release();
        Assert.Same(inNewBuffer.Buffer, arena.Reserve(16).Buffer);
    }

    [Fact]
    public void A_reply_larger_than_the_arena_has_a_buffer_of_its_own()
    {
        using var arena = new ReplyArena();
        var large = arena.Reserve(ReplyArena.Capacity + 1);
        Assert.True(large.Buffer.HasOneUser);
        Assert.NotSame(large.Buffer, arena.Reserve(16).Buffer);
        large.Release();
    }
}
