/* SPDX-License-Identifier: LGPL-3.0-or-later */
/* The first process of the emulated system: runs the tests with the arguments it got, says on the serial line how they
 * ended, and ends the emulator. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/io.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* To the serial line as they are. */
static void
open_serial_line (void)
{
  int            line = open ("/dev/ttyS0", O_RDWR);
  struct termios settings;

  tcgetattr (line, &settings);
  cfmakeraw (&settings);
  tcsetattr (line, TCSANOW, &settings);
  for (int standard = 0; standard < 3; standard++)
    dup2 (line, standard);
}

int
main (int count, char **arguments)
{
  int status = 0;

  (void) count;
  mkdir ("/dev", 0755);
  mkdir ("/proc", 0755);
  mkdir ("/sys", 0755);
  mkdir ("/tmp", 0777);
  mount ("devtmpfs", "/dev", "devtmpfs", 0, "");
  mount ("proc", "/proc", "proc", 0, "");
  mount ("sysfs", "/sys", "sysfs", 0, "");
  open_serial_line ();

  pid_t tests = fork ();
  if (tests == 0)
    {
      arguments[0] = "/tests";
      execv ("/tests", arguments);
      perror ("/tests");
      _exit (127);
    }
  waitpid (tests, &status, 0);
  if (WIFSIGNALED (status))
    printf ("the tests were ended by signal %d\n", WTERMSIG (status));
  printf ("the tests' exit status: %d\n", WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status));
  fflush (stdout);
  tcdrain (STDOUT_FILENO);

  /* Bochs' own port. */
  iopl (3);
  for (const char *letter = "Shutdown"; *letter; letter++)
    outb (*letter, 0x8900);
  for (;;)
    pause ();
}
